package dev.kiri.waypoint.testing;

import java.io.IOException;
import java.net.InetSocketAddress;

/// What most tests over real sockets begin with: service `catalog` with the endpoint `v1`, service
/// `other` with `v2`, and a client of `catalog`.
public final class Shop implements AutoCloseable {
  private final EchoServer v1 = new EchoServer("v1");
  private final EchoServer v2 = new EchoServer("v2");
  private final WaypointFixture waypoint = new WaypointFixture();
  private final InetSocketAddress front;

  public Shop() {
    waypoint.service("catalog", v1.address()).service("other", v2.address());
    front = waypoint.front("catalog");
  }

  public EchoServer v1() {
    return v1;
  }

  public EchoServer v2() {
    return v2;
  }

  public WaypointFixture waypoint() {
    return waypoint;
  }

  /// Where a client of `catalog` connects to.
  public InetSocketAddress front() {
    return front;
  }

  /// One request on a connection of its own.
  public RawClient.Answer get(String path, String... headers) throws IOException {
    try (var client = new RawClient(front)) {
      return client.get(path, headers).answer();
    }
  }

  @Override
  public void close() {
    waypoint.close();
    v1.close();
    v2.close();
  }
}
