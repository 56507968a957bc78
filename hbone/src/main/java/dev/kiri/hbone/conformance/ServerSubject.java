package dev.kiri.hbone.conformance;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.WorkloadCertificate;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The examined server and what is behind it. What is null is not there, and the cases that need it
/// are skipped.
public interface ServerSubject extends AutoCloseable {

  /// Where it accepts tunnels.
  InetSocketAddress tunnels();

  /// The issuer that it trusts.
  ExamAuthority authority();

  /// A second issuer that it trusts as well.
  @Nullable ExamAuthority secondAuthority();

  /// Who an acceptable client is.
  SpiffeId client();

  /// The `:authority` of an application that sends back what it gets and ends when its peer has.
  String echo();

  /// The `:authority` of one that policy keeps this client from.
  @Nullable String denied();

  /// The `:authority` of one that resets its connections at once.
  @Nullable String closing();

  /// Host name and port of a service that leads to the echo application.
  @Nullable String named();

  /// The longest that one step of a case may take.
  Duration limit();

  /// How long the server lets a handshake take; null if nobody knows a bound.
  @Nullable Duration handshakeLimit();

  /// Whether answers describe the destination (baggage); null if unknown.
  @Nullable Boolean describesItself();

  /// Revokes a certificate; false if that cannot be done here.
  boolean revoke(X509Certificate certificate);

  /// A certificate of [#client()] by [#authority()].
  default WorkloadCertificate certificate() {
    return authority().issue(client(), authority().certificate());
  }

  @Override
  void close();
}
