select iss, name, state, seq from view_provisioning.sources where iss = $1
