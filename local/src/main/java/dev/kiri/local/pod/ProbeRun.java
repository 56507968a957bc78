package dev.kiri.local.pod;

import dev.kiri.local.network.InsideSockets;
import dev.kiri.local.network.NamespaceFile;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/// Asks a container one probe's question, with sockets of its node, as a kubelet does. Blocking,
/// for virtual threads; thread-safe.
final class ProbeRun {
  private static final int LONGEST_STATUS_LINE = 1024;

  private final InsideSockets sockets;
  private final NamespaceFile node;
  private final String podAddress;
  private final List<String> enter;

  ProbeRun(InsideSockets sockets, NamespaceFile node, String podAddress, List<String> enter) {
    this.sockets = sockets;
    this.node = node;
    this.podAddress = podAddress;
    this.enter = List.copyOf(enter);
  }

  /// True when the container answered as it should within the time.
  boolean ask(Probe.Check check, Duration timeout) {
    try {
      return switch (check) {
        case Probe.Check.HttpGet get -> httpGet(get, timeout);
        case Probe.Check.TcpSocket tcp -> {
          try (var socket = connect(tcp.host(), tcp.port(), timeout)) {
            yield socket.isConnected();
          }
        }
        case Probe.Check.Exec exec -> exec(exec.command(), timeout);
        case Probe.Check.Grpc grpc -> grpc(grpc, timeout);
      };
    } catch (IOException | GeneralSecurityException e) {
      return false;
    }
  }

  private Socket connect(String host, int port, Duration timeout) throws IOException {
    var channel = sockets.stream(node);
    var socket = channel.socket();
    try {
      int millis = Math.toIntExact(timeout.toMillis());
      socket.setSoTimeout(millis);
      socket.connect(new InetSocketAddress(host.isEmpty() ? podAddress : host, port), millis);
      return socket;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private boolean httpGet(Probe.Check.HttpGet get, Duration timeout)
      throws IOException, GeneralSecurityException {
    try (var plain = connect(get.host(), get.port(), timeout);
        var socket = get.tls() ? tls(plain, get.port()) : plain) {
      var request = new StringBuilder("GET " + get.path() + " HTTP/1.1\r\n");
      if (get.headers().keySet().stream().noneMatch("host"::equalsIgnoreCase)) {
        request.append("Host: ").append(podAddress).append(':').append(get.port()).append("\r\n");
      }
      get.headers().forEach((k, v) -> request.append(k).append(": ").append(v).append("\r\n"));
      request.append("User-Agent: kube-probe/1.34\r\nAccept: */*\r\nConnection: close\r\n\r\n");
      socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      int status = status(socket.getInputStream());
      return status >= 200 && status < 400;
    }
  }

  private static int status(InputStream in) throws IOException {
    var line = new ByteArrayOutputStream();
    for (int b = in.read();
        b >= 0 && b != '\n' && line.size() < LONGEST_STATUS_LINE;
        b = in.read()) {
      line.write(b);
    }
    var words = line.toString(StandardCharsets.ISO_8859_1).split(" ");
    try {
      return words.length < 2 || !words[0].startsWith("HTTP/")
          ? 0
          : Integer.parseInt(words[1].strip());
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /// A kubelet does not check the certificate.
  private Socket tls(Socket plain, int port) throws IOException, GeneralSecurityException {
    var context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new AcceptAny()}, null);
    return context.getSocketFactory().createSocket(plain, podAddress, port, true);
  }

  private static final class AcceptAny implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  private boolean exec(List<String> command, Duration timeout) throws IOException {
    var line = new ArrayList<>(enter);
    line.addAll(command);
    var process =
        new ProcessBuilder(line)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      process.getOutputStream().close();
      return process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS) && process.exitValue() == 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      process.destroyForcibly();
    }
  }

  /// `grpc.health.v1.Health/Check` as raw HTTP/2: one request whose headers need no compression
  /// state, one answer of which only the data frame counts (field 1 = 1 means SERVING).
  private boolean grpc(Probe.Check.Grpc grpc, Duration timeout) throws IOException {
    try (var socket = connect("", grpc.port(), timeout)) {
      socket
          .getOutputStream()
          .write(GrpcHealth.request(podAddress + ":" + grpc.port(), grpc.service()));
      socket.getOutputStream().flush();
      return GrpcHealth.isServing(new DataInputStream(socket.getInputStream()));
    }
  }
}
