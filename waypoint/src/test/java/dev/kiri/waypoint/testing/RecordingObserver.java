package dev.kiri.waypoint.testing;

import dev.kiri.waypoint.proxy.Client;
import dev.kiri.waypoint.proxy.ConnectDecision;
import dev.kiri.waypoint.proxy.ConnectionReport;
import dev.kiri.waypoint.proxy.Destination;
import dev.kiri.waypoint.proxy.ProxyObserver;
import dev.kiri.waypoint.proxy.RequestReport;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Keeps every report.
public final class RecordingObserver implements ProxyObserver {
  private final List<RequestReport> requests = new CopyOnWriteArrayList<>();
  private final List<ConnectionReport> connections = new CopyOnWriteArrayList<>();

  public List<RequestReport> requests() {
    return requests;
  }

  public List<ConnectionReport> connections() {
    return connections;
  }

  @Override
  public void requestFinished(RequestReport report) {
    requests.add(report);
  }

  @Override
  public void connectionOpened(Client client, Destination destination) {}

  @Override
  public void connectionFinished(ConnectionReport report) {
    connections.add(report);
  }

  @Override
  public void connectRefused(Client client, String authority, ConnectDecision.Refused why) {}
}
