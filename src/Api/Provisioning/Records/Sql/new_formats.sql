select definition from view_provisioning.formats where vct <> all ($1)
