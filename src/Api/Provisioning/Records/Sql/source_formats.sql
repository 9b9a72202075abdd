select format, records from view_provisioning.counts where iss = $1 order by format
