"""The visual vocabulary: template tags that every application's templates may use."""
