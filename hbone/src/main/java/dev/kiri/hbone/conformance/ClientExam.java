package dev.kiri.hbone.conformance;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.conformance.wire.Frame;
import dev.kiri.hbone.conformance.wire.RawTunnel;
import dev.kiri.hbone.identity.WorkloadCertificate;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// One case of a client: the application's connections and the tunnels that the client dials for
/// them. All end with the case, so that the next one begins without any.
public final class ClientExam implements AutoCloseable {
  private static final int ANSWER_MILLIS = 1_000;

  private final ClientSubject subject;
  private final List<ApplicationSocket> applications = new ArrayList<>();
  private final List<RawTunnel> tunnels = new ArrayList<>();

  ClientExam(ClientSubject subject) {
    this.subject = subject;
  }

  ClientSubject subject() {
    return subject;
  }

  /// A new connection of the application.
  ApplicationSocket application() throws IOException {
    var application = subject.connect();
    applications.add(application);
    return application;
  }

  /// The tunnel that the client dials next, as whom it expects.
  RawTunnel tunnel(int... settings) throws IOException {
    var authority = subject.authority();
    return tunnel(authority.issue(subject.server(), authority.certificate()), settings);
  }

  /// The same as somebody else.
  RawTunnel tunnel(WorkloadCertificate as, int... settings) throws IOException {
    subject.tunnels().setSoTimeout((int) subject.limit().toMillis());
    var tcp = subject.tunnels().accept();
    var tunnel = RawTunnel.accept(tcp, as, subject.limit(), settings);
    tunnels.add(tunnel);
    return tunnel;
  }

  /// Whether the client dials no tunnel within a second.
  boolean noTunnel() throws IOException {
    subject.tunnels().setSoTimeout(1_000);
    try {
      subject.tunnels().accept().close();
      return false;
    } catch (SocketTimeoutException e) {
      return true;
    }
  }

  /// GOAWAY first, and a PING whose answer tells that it was read: the client must not take these
  /// tunnels for the next case.
  @Override
  public void close() throws IOException {
    for (var application : applications) {
      application.close();
    }
    for (var tunnel : tunnels) {
      try {
        tunnel.limit(ANSWER_MILLIS);
        tunnel.send(goAway(Integer.MAX_VALUE, H2Error.NO_ERROR), Frame.ping(1));
        tunnel.await(f -> f.is(Frame.PING) && f.has(Frame.ACK));
      } catch (IOException e) {
        // the client ended it, in the case or now, or answers nothing
      }
      tunnel.close();
    }
  }

  static Frame goAway(int lastStream, int code) {
    return new Frame(
        Frame.GOAWAY, 0, 0, ByteBuffer.allocate(8).putInt(lastStream).putInt(code).array());
  }
}
