select next, checked, failed, failures::text from monitor.audits where id = $1
