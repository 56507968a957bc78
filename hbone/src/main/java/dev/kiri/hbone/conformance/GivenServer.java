package dev.kiri.hbone.conformance;

import dev.kiri.hbone.identity.SpiffeId;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A server somewhere else, as the command's options describe it. Immutable.
record GivenServer(
    InetSocketAddress tunnels,
    ExamAuthority authority,
    @Nullable ExamAuthority secondAuthority,
    SpiffeId client,
    String echo,
    @Nullable String denied,
    @Nullable String closing,
    @Nullable String named,
    Duration limit,
    @Nullable Duration handshakeLimit,
    @Nullable Boolean describesItself)
    implements ServerSubject {

  @Override
  public boolean revoke(X509Certificate certificate) {
    return false;
  }

  /// Nothing here was started by us.
  @Override
  public void close() {}
}
