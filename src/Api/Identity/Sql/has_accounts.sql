select to_regclass('identity."AspNetUsers"') is not null
