package dev.kiri.mesh.grpc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Where the bearer token comes from. Thread-safe; read for every call, so that a rotated token is
/// used.
public sealed interface TokenSource {

  /// The token as it is, without trimming; null where there is none, and the call goes without.
  ///
  /// @throws IOException if it is there but cannot be read, or is empty
  @Nullable String token() throws IOException;

  /// A token that never changes.
  record Literal(String value) implements TokenSource {
    @Override
    public String token() {
      return value;
    }

    @Override
    public String toString() {
      return "Literal[***]";
    }
  }

  /// A mounted token. Where the file is not there yet, calls go without a token until it is.
  record File(Path path) implements TokenSource {
    @Override
    public @Nullable String token() throws IOException {
      String token;
      try {
        token = Files.readString(path);
      } catch (NoSuchFileException _) {
        return null;
      }
      if (token.isEmpty()) {
        throw new IOException("token file exists, but was empty");
      }
      return token;
    }
  }
}
