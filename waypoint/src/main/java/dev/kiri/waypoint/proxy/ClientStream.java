package dev.kiri.waypoint.proxy;

import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.waypoint.config.PortProtocol;
import dev.kiri.waypoint.http.HttpServers;
import dev.kiri.waypoint.http.StreamOutput;
import dev.kiri.waypoint.http.StreamSide;
import dev.kiri.waypoint.route.ConnectionRoutes;
import dev.kiri.waypoint.route.RouteSet;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

/// One accepted stream of a client: finds out what it speaks, then feeds the side that speaks it.
/// On an undeclared port the wait for the first bytes is bounded, behind which the connection is
/// taken for TCP; so is the wait for a TLS client's hello where routes go by its server name.
/// Confined to its loop.
final class ClientStream implements StreamHandler {
  private final LoopState state;
  private final Client client;
  private final Destination destination;
  private final StreamOutput out;
  private final ByteBuf first = Unpooled.buffer(32);
  private @Nullable HboneStream stream;
  private @Nullable StreamSide side;
  private @Nullable ConnectionRoutes routes;
  private PortProtocol protocol = PortProtocol.SNIFF;
  private @Nullable ScheduledFuture<?> waiting;
  private int halfSaid;
  private boolean over;
  private boolean endedEarly;

  ClientStream(LoopState state, Client client, Destination destination) {
    this.state = state;
    this.client = client;
    this.destination = destination;
    this.out = new StreamOutput(state.gather());
  }

  /// The stream was accepted.
  void begin(HboneStream accepted) {
    if (over) {
      return;
    }
    stream = accepted;
    out.attach(accepted);
    state.streams().add(this);
    RouteSet set = routeSet();
    routes = set == null ? null : set.connections();
    protocol = set != null && set.bytes() ? PortProtocol.TCP : destination.protocol();
    switch (protocol) {
      case TCP -> {
        if (byServerName()) {
          waitForFirstBytes();
        } else {
          speak(tcp(null));
        }
      }
      case SNIFF -> waitForFirstBytes();
      case HTTP, HTTP2 -> {}
    }
    look();
    if (endedEarly) {
      end();
    }
    state.gather().flush();
  }

  private @Nullable RouteSet routeSet() {
    var service = destination.service();
    return service == null
        ? null
        : state
            .program()
            .service(service, destination.port())
            .routes()
            .routesFor(client.provenNamespace(state.program().settings()));
  }

  private boolean byServerName() {
    ConnectionRoutes known = routes;
    var service = destination.service();
    return (known != null && known.byServerName())
        || (service != null && service.hostname().startsWith("*."));
  }

  private void waitForFirstBytes() {
    waiting =
        state.after(state.program().settings().detectionTimeout().toNanos(), this::nobodySpoke);
  }

  private void nobodySpoke() {
    if (side == null && !over) {
      speak(tcp(null));
    }
  }

  @Override
  public void opened(HboneStream opened, ConnectResponse response) {}

  @Override
  public void data(ByteBuf borrowed) {
    StreamSide known = side;
    if (known != null) {
      known.received(borrowed);
      return;
    }
    // Bytes may come while the stream is being accepted: they wait for its beginning.
    first.writeBytes(borrowed);
    if (stream != null) {
      look();
    }
  }

  private void look() {
    if (side != null || !first.isReadable()) {
      return;
    }
    switch (protocol) {
      case TCP -> lookForHello();
      case SNIFF -> {
        switch (Sniffer.look(first)) {
          case MORE -> {}
          case HTTP2 -> speak(http(true));
          case HTTP1 -> speak(http(false));
          case OTHER -> lookForHello();
        }
      }
      case HTTP, HTTP2 -> {
        switch (Sniffer.preface(first)) {
          case MORE -> {}
          case HTTP2 -> speak(http(true));
          case HTTP1, OTHER -> speak(http(false));
        }
      }
    }
  }

  private void lookForHello() {
    if (!byServerName()) {
      speak(tcp(null));
      return;
    }
    switch (ClientHello.look(first)) {
      case ClientHello.Verdict.More() -> {}
      case ClientHello.Verdict.Hello(String serverName) -> speak(tcp(serverName));
      case ClientHello.Verdict.NotTls() -> speak(tcp(null));
    }
  }

  private StreamSide http(boolean http2) {
    HboneStream open = java.util.Objects.requireNonNull(stream);
    Requests requests = new Requests(state, client, destination);
    return http2 ? HttpServers.http2(open, out, requests) : HttpServers.http1(open, out, requests);
  }

  private StreamSide tcp(@Nullable String serverName) {
    return new TcpRelay(
        state,
        client,
        destination,
        java.util.Objects.requireNonNull(stream),
        out,
        routes,
        serverName);
  }

  private void speak(StreamSide chosen) {
    side = chosen;
    ScheduledFuture<?> timer = waiting;
    if (timer != null) {
      timer.cancel(false);
    }
    if (chosen instanceof TcpRelay relay) {
      relay.begin();
    }
    if (first.isReadable()) {
      chosen.received(first);
    }
    first.release();
  }

  @Override
  public void dataComplete() {
    state.gather().flush();
  }

  @Override
  public void end() {
    if (stream == null) {
      endedEarly = true;
      return;
    }
    if (side == null) {
      boolean bytes = protocol == PortProtocol.TCP || protocol == PortProtocol.SNIFF;
      speak(bytes ? tcp(null) : http(false));
    }
    StreamSide known = side;
    if (known != null) {
      known.ended();
    }
    state.gather().flush();
  }

  @Override
  public void writable() {
    StreamSide known = side;
    if (known != null) {
      known.writable();
    } else {
      out.drain();
    }
    state.gather().flush();
  }

  @Override
  public void closed(StreamClosed why) {
    over = true;
    state.streams().remove(this);
    ScheduledFuture<?> timer = waiting;
    if (timer != null) {
      timer.cancel(false);
    }
    StreamSide known = side;
    if (known != null) {
      known.closed();
    } else {
      first.release();
    }
    out.close();
    state.gather().flush();
  }

  /// Ends what has not gone on for too long; a client that says nothing waits as long as it likes
  /// for a service that declares HTTP, but not with half a word.
  void sweep() {
    StreamSide known = side;
    if (known != null) {
      known.sweep();
    } else if (stream != null && first.isReadable() && waiting == null && halfSaid++ > 0) {
      speak(http(false));
    }
    state.gather().flush();
  }

  /// Finishes what is under way and ends.
  void drain() {
    StreamSide known = side;
    if (known != null) {
      known.drain();
    } else {
      out.end();
    }
    state.gather().flush();
  }
}
