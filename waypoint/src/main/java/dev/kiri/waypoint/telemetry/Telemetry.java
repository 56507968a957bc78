package dev.kiri.waypoint.telemetry;

import dev.kiri.hbone.tls.PeerRejected;
import dev.kiri.waypoint.proxy.Client;
import dev.kiri.waypoint.proxy.ConnectDecision;
import dev.kiri.waypoint.proxy.ConnectionReport;
import dev.kiri.waypoint.proxy.Destination;
import dev.kiri.waypoint.proxy.ProxyObserver;
import dev.kiri.waypoint.proxy.RequestReport;
import java.net.InetSocketAddress;

/// Passes what the proxy tells on to log and metrics.
public final class Telemetry implements ProxyObserver {
  private final AccessLines lines;
  private final IstioMetrics metrics;

  public Telemetry(AccessLines lines, IstioMetrics metrics) {
    this.lines = lines;
    this.metrics = metrics;
  }

  @Override
  public void requestFinished(RequestReport report) {
    metrics.request(report);
    lines.request(report);
  }

  @Override
  public void connectionOpened(Client client, Destination destination) {
    metrics.connectionOpened(client, destination);
  }

  @Override
  public void connectionFinished(ConnectionReport report) {
    metrics.connectionFinished(report);
    lines.connection(report);
  }

  @Override
  public void peerRejected(PeerRejected why) {
    metrics.peerRejected(why);
  }

  @Override
  public void tunnelFailed(InetSocketAddress peer, String error) {
    lines.tunnelFailed(peer, error);
  }

  @Override
  public void connectRefused(Client client, String authority, ConnectDecision.Refused why) {
    lines.refused(client, authority, why);
  }
}
