package dev.kiri.ztunnel.outbound;

import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.workload.GatewayAddress;
import dev.kiri.mesh.workload.NetworkAddress;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.Workload;
import dev.kiri.ztunnel.balance.EndpointChoice.Purpose;
import dev.kiri.ztunnel.balance.EndpointChooser;
import dev.kiri.ztunnel.balance.Trail;
import dev.kiri.ztunnel.balance.Upstream;
import dev.kiri.ztunnel.balance.WaypointChoice;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Finds the workload behind the name or address of a waypoint or of a network gateway. Pure but
/// for the random source.
final class WaypointResolver {
  private final EndpointChooser chooser;
  private final RandomGenerator random;

  WaypointResolver(EndpointChooser chooser, RandomGenerator random) {
    this.chooser = chooser;
    this.random = random;
  }

  /// What became of the search for a waypoint.
  sealed interface Resolution {}

  /// None is configured.
  record None() implements Resolution {}

  /// One is configured and cannot be found.
  record Unknown(String name) implements Resolution {}

  /// It was found; `asked` is the address whose family its own should have.
  record Found(Upstream waypoint, InetAddress asked) implements Resolution {}

  Resolution ofService(
      MeshSnapshot mesh, Workload client, Service service, InetSocketAddress target, Trail trail) {
    return resolve(mesh, client, WaypointChoice.of(service, random), target, trail);
  }

  Resolution ofWorkload(
      MeshSnapshot mesh,
      Workload client,
      Workload workload,
      InetSocketAddress target,
      Trail trail) {
    return resolve(mesh, client, workload.waypoint(), target, trail);
  }

  private Resolution resolve(
      MeshSnapshot mesh,
      Workload client,
      @Nullable GatewayAddress configured,
      InetSocketAddress target,
      Trail trail) {
    if (configured == null) {
      return new None();
    }
    trail.step("waypoint is configured", configured);
    var asked =
        switch (configured) {
          case GatewayAddress.ByHostname _ -> target.getAddress();
          case GatewayAddress.ByAddress(var address, _) -> address.address();
        };
    var found = find(mesh, client, configured, Purpose.WAYPOINT, trail);
    if (found != null) {
      return new Found(found, asked);
    }
    return new Unknown(
        switch (configured) {
          case GatewayAddress.ByHostname(var host, _) -> host.hostname();
          case GatewayAddress.ByAddress _ -> configured.toString();
        });
  }

  /// The gateway of a network; null when it cannot be found.
  @Nullable Upstream gateway(
      MeshSnapshot mesh, Workload client, GatewayAddress gateway, Trail trail) {
    return find(mesh, client, gateway, Purpose.STANDARD, trail);
  }

  private @Nullable Upstream find(
      MeshSnapshot mesh, Workload client, GatewayAddress where, Purpose use, Trail trail) {
    return switch (where) {
      case GatewayAddress.ByAddress(var address, int port) ->
          upstream(mesh, client, address, port, use, trail);
      case GatewayAddress.ByHostname(var host, int port) -> {
        var service = mesh.service(host);
        if (service != null) {
          yield chooser.choose(mesh, client, service, port, use, trail);
        }
        var workload = mesh.workloadByHostname(host);
        yield workload == null ? null : new Upstream(workload, port, null);
      }
    };
  }

  /// An endpoint of the service at an address, else the workload at it; null when there is neither
  /// or the service has no endpoint.
  @Nullable Upstream upstream(
      MeshSnapshot mesh,
      Workload client,
      NetworkAddress address,
      int port,
      Purpose use,
      Trail trail) {
    var service = mesh.serviceByAddress(address.network(), address.address(), client.namespace());
    if (service != null) {
      return chooser.choose(mesh, client, service, port, use, trail);
    }
    var workload = mesh.workloadByAddress(address.network(), address.address());
    return workload == null ? null : new Upstream(workload, port, null);
  }

  /// Whether a client is the waypoint of a workload: by identity and address both.
  boolean isWaypointOf(
      MeshSnapshot mesh, Workload workload, Workload client, InetAddress clientAddress) {
    if (!client.addresses().contains(clientAddress)) {
      return false;
    }
    return switch (workload.waypoint()) {
      case null -> false;
      case GatewayAddress.ByHostname(var host, _) ->
          mesh.endpoints(host).stream().anyMatch(e -> isSame(e.workload(), client, clientAddress));
      case GatewayAddress.ByAddress(var address, _) -> {
        var service = mesh.serviceByAddress(address.network(), address.address(), null);
        if (service != null) {
          yield mesh.endpoints(service.key()).stream()
              .anyMatch(e -> isSame(e.workload(), client, clientAddress));
        }
        var at = mesh.workloadByAddress(address.network(), address.address());
        yield at != null && isSame(at, client, clientAddress);
      }
    };
  }

  private static boolean isSame(Workload waypoint, Workload client, InetAddress clientAddress) {
    return waypoint.identity().equals(client.identity())
        && waypoint.addresses().contains(clientAddress);
  }
}
