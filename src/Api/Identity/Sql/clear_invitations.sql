delete from identity.invitations
