package dev.kiri.ztunnel.balance;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.mesh.workload.IpFamilies;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.Workload;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A workload that was chosen, the port on it, and the service it was chosen for; no service when
/// the workload itself was addressed.
public record Upstream(Workload workload, int port, @Nullable Service service) {

  /// The address families the service allows.
  public IpFamilies families() {
    return service == null ? IpFamilies.AUTOMATIC : service.ipFamilies();
  }

  /// The identities the other end may present: the workload's, then those its service adds.
  public List<SpiffeId> identities() {
    var accepted = new ArrayList<SpiffeId>();
    accepted.add(workload.identity());
    accepted.addAll(serviceIdentities());
    return accepted;
  }

  /// The identities the service adds; texts that are no identity are left out, so they accept
  /// nobody.
  public List<SpiffeId> serviceIdentities() {
    if (service == null) {
      return List.of();
    }
    var accepted = new ArrayList<SpiffeId>();
    for (var name : service.subjectAltNames()) {
      var id = SpiffeId.parseOrNull(name);
      if (id != null) {
        accepted.add(id);
      }
    }
    return accepted;
  }
}
