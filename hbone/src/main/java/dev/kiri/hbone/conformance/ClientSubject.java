package dev.kiri.hbone.conformance;

import dev.kiri.hbone.identity.SpiffeId;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The examined client: something that carries an application's TCP connections to a tunnel's
/// accepting end, which is the examination.
public interface ClientSubject extends AutoCloseable {

  /// Where the client dials its tunnels to. The subject's own; not closed by the examination.
  ServerSocket tunnels();

  /// The issuer that the client trusts.
  ExamAuthority authority();

  /// Whom the client expects.
  SpiffeId server();

  /// Begins an application's connection that the client carries. Returns before any tunnel stands.
  ApplicationSocket connect() throws IOException;

  /// The longest that one step of a case may take.
  Duration limit();

  /// How long the client lets a handshake take; null if nobody knows a bound.
  @Nullable Duration handshakeLimit();

  @Override
  void close();
}
