"""What `syncer init` does: wishes → a look at the live systems → a first configuration and mappings, checked."""
