package dev.kiri.waypoint.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/// The JDK's HTTP server as an endpoint. `POST` answers the body; everything else answers the
/// server's name, then method, target and request fields, one a line.
public final class EchoServer implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger requests = new AtomicInteger();

  public EchoServer(String name) {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
    server.setExecutor(threads);
    server.createContext("/", exchange -> answer(name, exchange));
    server.start();
  }

  public InetSocketAddress address() {
    return server.getAddress();
  }

  public int requests() {
    return requests.get();
  }

  private void answer(String name, HttpExchange exchange) throws IOException {
    requests.incrementAndGet();
    exchange.getResponseHeaders().add("x-served-by", name);
    if (exchange.getRequestMethod().equals("POST")) {
      exchange.sendResponseHeaders(200, 0);
      try (var out = exchange.getResponseBody()) {
        exchange.getRequestBody().transferTo(out);
      }
      return;
    }
    StringBuilder text = new StringBuilder(name).append('\n');
    text.append(exchange.getRequestMethod()).append(' ').append(exchange.getRequestURI());
    exchange
        .getRequestHeaders()
        .forEach(
            (field, values) ->
                text.append('\n')
                    .append(field.toLowerCase(Locale.ROOT))
                    .append(": ")
                    .append(String.join(",", values)));
    byte[] body = text.toString().getBytes(StandardCharsets.UTF_8);
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(200, head ? -1 : body.length);
    if (!head) {
      exchange.getResponseBody().write(body);
    }
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
