delete from identity.challenges where challenge = $1 and purpose = $2 and until > $3 returning coalesce(state, '')
