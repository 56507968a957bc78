package dev.kiri.hbone.conformance.wire;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.identity.WorkloadCertificate;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLSocket;

/// One end of a tunnel, frame by frame. One thread reads, another may write at the same
/// time; every wait is bounded by the limit given when dialled.
public final class RawTunnel implements Closeable {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int MAX_FRAME = 1 << 24;

  /// More of anything than an honest peer sends.
  public static final int FLOOD = 60_000;

  /// How the peer ended a tunnel; `goAway` is the code of its last GOAWAY, or -1.
  public record End(int goAway, String how) {
    private static final String STILL_OPEN = "still open";

    /// It did end the tunnel within the limit.
    public boolean isClosed() {
      return !how.equals(STILL_OPEN);
    }

    /// It ended the tunnel and gave this reason.
    public boolean isBecauseOf(int code) {
      return goAway == code && isClosed();
    }

    @Override
    public String toString() {
      return goAway < 0 ? how : "GOAWAY " + H2Error.name(goAway) + ", " + how;
    }
  }

  private final SSLSocket socket;
  private final DataInputStream in;
  private final OutputStream out;
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);
  private int nextStream = 1;
  private volatile int goAway = -1;

  private final List<String> offeredProtocols;

  private RawTunnel(SSLSocket socket, List<String> offeredProtocols) throws IOException {
    this.socket = socket;
    this.offeredProtocols = List.copyOf(offeredProtocols);
    this.in = new DataInputStream(socket.getInputStream());
    this.out = new BufferedOutputStream(socket.getOutputStream(), 16_384);
  }

  /// TLS only: not a byte of HTTP/2.
  public static RawTunnel silent(InetSocketAddress to, WorkloadCertificate as, Duration limit)
      throws IOException {
    return new RawTunnel(RawTls.dial(to, as, limit), List.of("h2"));
  }

  /// With preface and SETTINGS.
  public static RawTunnel dial(
      InetSocketAddress to, WorkloadCertificate as, Duration limit, int... settings)
      throws IOException {
    var tunnel = silent(to, as, limit);
    try {
      tunnel.preface();
      tunnel.send(Frame.settings(settings));
      return tunnel;
    } catch (IOException e) {
      tunnel.close();
      throw e;
    }
  }

  /// The accepting end: TLS as `as`, SETTINGS sent, the client's preface read. Throws
  /// [IOException] if the client ends the handshake or sends another preface.
  public static RawTunnel accept(
      Socket tcp, WorkloadCertificate as, Duration limit, int... settings) throws IOException {
    var offered = new ArrayList<String>();
    try {
      var tunnel = new RawTunnel(RawTls.accept(tcp, as, limit, offered), offered);
      tunnel.send(Frame.settings(settings));
      if (!Arrays.equals(tunnel.in.readNBytes(PREFACE.length), PREFACE)) {
        throw new IOException("another preface than HTTP/2's, or none");
      }
      return tunnel;
    } catch (IOException e) {
      tcp.close();
      throw e;
    }
  }

  /// The longest wait for the next frame from now on.
  public void limit(int millis) throws IOException {
    socket.setSoTimeout(millis);
  }

  public void preface() throws IOException {
    out.write(PREFACE);
  }

  /// What the client offered by ALPN.
  public List<String> offeredProtocols() {
    return offeredProtocols;
  }

  /// The names that the client asked for by SNI.
  public List<String> serverNames() {
    return socket.getSession() instanceof ExtendedSSLSession session
        ? session.getRequestedServerNames().stream().map(String::valueOf).toList()
        : List.of();
  }

  /// The certificate that the peer presented.
  public X509Certificate peerCertificate() throws IOException {
    return (X509Certificate) socket.getSession().getPeerCertificates()[0];
  }

  /// The next request, and the number of its stream.
  public Request request() throws IOException {
    var frame = await(f -> f.is(Frame.HEADERS));
    return new Request(frame.stream(), HeaderList.read(decoder, frame));
  }

  /// A client's request.
  public record Request(int stream, HeaderList headers) {}

  /// Answers 200 without anything else.
  public void accept(Request request) throws IOException {
    send(
        new Frame(
            Frame.HEADERS,
            Frame.END_HEADERS,
            request.stream(),
            HeaderList.of(":status", "200").block()));
  }

  /// What the peer chose by ALPN, or an empty text.
  public String applicationProtocol() {
    return socket.getApplicationProtocol();
  }

  public synchronized void send(Frame... frames) throws IOException {
    queue(frames);
    out.flush();
  }

  /// Sent with the next [#send], or when 16 KiB have come together.
  public synchronized void queue(Frame... frames) throws IOException {
    for (var frame : frames) {
      int length = frame.payload().length;
      out.write(length >> 16);
      out.write(length >> 8);
      out.write(length);
      out.write(frame.type());
      out.write(frame.flags());
      out.write(frame.stream() >> 24);
      out.write(frame.stream() >> 16);
      out.write(frame.stream() >> 8);
      out.write(frame.stream());
      out.write(frame.payload());
    }
  }

  /// Sends a request; answers the number of its stream.
  public int open(HeaderList request) throws IOException {
    int stream = takeStream();
    send(new Frame(Frame.HEADERS, Frame.END_HEADERS, stream, request.block()));
    return stream;
  }

  /// A number for a new stream.
  public int takeStream() {
    int stream = nextStream;
    nextStream += 2;
    return stream;
  }

  /// The next frame of whatever kind. Throws [EOFException] when the peer has closed and
  /// [SocketTimeoutException] when nothing came in time.
  public Frame next() throws IOException {
    int lengthAndType = in.readInt();
    int flags = in.readUnsignedByte();
    int stream = in.readInt() & Integer.MAX_VALUE;
    int length = lengthAndType >>> 8;
    if (length > MAX_FRAME) {
      throw new IOException("frame of " + length + " bytes");
    }
    var frame = new Frame(lengthAndType & 0xff, flags, stream, in.readNBytes(length));
    if (frame.is(Frame.GOAWAY)) {
      goAway = frame.number(4, -1);
    }
    return frame;
  }

  /// The next frame that is `wanted`; answers SETTINGS and PING on the way, drops the rest.
  public Frame await(Predicate<Frame> wanted) throws IOException {
    while (true) {
      var frame = next();
      if (!frame.has(Frame.ACK) && (frame.is(Frame.SETTINGS) || frame.is(Frame.PING))) {
        var answer = frame.is(Frame.PING) ? frame.payload() : new byte[0];
        send(new Frame(frame.type(), Frame.ACK, 0, answer));
      }
      if (wanted.test(frame)) {
        return frame;
      }
    }
  }

  /// The answer to a request; a reset instead throws.
  public Answer answer(int stream) throws IOException {
    var frame = await(f -> f.stream() == stream && (f.is(Frame.HEADERS) || f.is(Frame.RST_STREAM)));
    if (frame.is(Frame.RST_STREAM)) {
      throw new IOException("RST_STREAM " + H2Error.name(frame.number(0, -1)));
    }
    return new Answer(HeaderList.read(decoder, frame), frame.has(Frame.END_STREAM));
  }

  /// An answer's headers, and whether it ended the stream.
  public record Answer(HeaderList headers, boolean ends) {
    public String status() {
      return headers.first(":status");
    }

    @Override
    public String toString() {
      return status() + (ends ? " with END_STREAM" : "");
    }
  }

  /// Bytes of this stream, exactly as many; throws if it ends before.
  public byte[] read(int stream, int bytes) throws IOException {
    var all = new byte[bytes];
    int length = 0;
    while (length < bytes) {
      var frame = await(f -> f.stream() == stream && (f.is(Frame.DATA) || f.is(Frame.RST_STREAM)));
      if (frame.is(Frame.RST_STREAM) || length + frame.payload().length > bytes) {
        throw new IOException("stream over or too long after " + length + " bytes");
      }
      System.arraycopy(frame.payload(), 0, all, length, frame.payload().length);
      length += frame.payload().length;
      if (frame.has(Frame.END_STREAM) && length < bytes) {
        throw new IOException("END_STREAM after " + length + " bytes");
      }
    }
    return all;
  }

  /// Reads until the peer closes, answering nothing.
  public End untilEnd() {
    try {
      while (true) {
        next();
      }
    } catch (EOFException e) {
      return new End(goAway, "closed");
    } catch (SocketTimeoutException e) {
      return new End(goAway, End.STILL_OPEN);
    } catch (IOException e) {
      return new End(goAway, "closed (" + e.getMessage() + ")");
    }
  }

  /// [#untilEnd] on a thread of its own, for one that writes meanwhile.
  public CompletableFuture<End> ending() {
    var end = new CompletableFuture<End>();
    Thread.ofVirtual().start(() -> end.complete(untilEnd()));
    return end;
  }

  /// Sends these frames [#FLOOD] times or until the peer has had enough; how it ended the tunnel.
  public End flood(Frame... frames) throws ExecutionException, InterruptedException {
    var end = ending();
    try {
      for (int i = 0; i < FLOOD; i++) {
        queue(frames);
      }
      send();
    } catch (IOException e) {
      // the peer has closed: how is what the reader tells
    }
    return end.get();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // it was closed already, by whatever the case was about
    }
  }
}
