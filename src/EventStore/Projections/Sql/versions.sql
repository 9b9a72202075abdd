-- Every version of a projection that has progress, but not its rebuild.
select name from mt_event_progression where name = $1 || ':All' or name ~ ('^' || $1 || ':V[0-9]+:All$')
