with jti as (delete from identity.used_jti where until < $1),
     asked as (delete from identity.challenges where until < $1),
     keys as (delete from identity.token_keys where until < $1)
delete from identity.sessions where until < $1
