select seq from view_provisioning.formats where vct = $1
