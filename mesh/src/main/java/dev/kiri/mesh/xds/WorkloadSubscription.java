package dev.kiri.mesh.xds;

import dev.kiri.mesh.policy.L4Policy;
import dev.kiri.mesh.policy.PolicyScope;
import dev.kiri.mesh.proto.security.Authorization;
import dev.kiri.mesh.proto.workload.Address;
import dev.kiri.mesh.store.MeshStore;
import dev.kiri.mesh.store.MeshUpdate;
import dev.kiri.mesh.store.MeshUpdate.PutPolicy;
import dev.kiri.mesh.store.MeshUpdate.RemoveAddress;
import dev.kiri.mesh.store.MeshUpdate.RemovePolicy;
import dev.kiri.mesh.wire.AddressDecoder;
import dev.kiri.mesh.wire.PolicyDecoder;
import java.util.ArrayList;
import java.util.List;

/// The two types every proxy subscribes to: addresses (workloads and services) and layer 4
/// policies.
public final class WorkloadSubscription {
  public static final String ADDRESS = "type.googleapis.com/istio.workload.Address";
  public static final String AUTHORIZATION = "type.googleapis.com/istio.security.Authorization";

  private WorkloadSubscription() {}

  /// Subscriptions that keep a store up to date, in the order in which they must be asked for.
  /// They are for one client.
  public static List<TypeSubscription<?>> of(MeshStore store) {
    var decoder = new AddressDecoder();
    return List.of(
        new TypeSubscription<MeshUpdate>(
            ADDRESS,
            (name, payload) -> decoder.decode(name, Address.parseFrom(payload)),
            new Addresses(store)),
        new TypeSubscription<L4Policy>(
            AUTHORIZATION,
            (name, payload) -> PolicyDecoder.decode(name, Authorization.parseFrom(payload)),
            new Policies(store)));
  }

  private record Addresses(MeshStore store) implements ResourceHandler<MeshUpdate> {
    @Override
    public List<Rejection> apply(List<NamedResource<MeshUpdate>> updated, List<String> removed) {
      var batch = new ArrayList<MeshUpdate>(updated.size() + removed.size());
      updated.forEach(resource -> batch.add(resource.value()));
      removed.forEach(name -> batch.add(new RemoveAddress(name)));
      store.apply(batch);
      return List.of();
    }
  }

  private record Policies(MeshStore store) implements ResourceHandler<L4Policy> {
    @Override
    public List<Rejection> apply(List<NamedResource<L4Policy>> updated, List<String> removed) {
      var batch = new ArrayList<MeshUpdate>(updated.size() + removed.size());
      updated.forEach(resource -> batch.add(new PutPolicy(resource.value())));
      removed.forEach(name -> batch.add(new RemovePolicy(name)));
      store.apply(batch);
      return List.of();
    }

    /// A policy that was understood before stays as it was. One that never was denies, in the
    /// namespace its name says and to the workloads that list it: whom else it was for is not
    /// known.
    @Override
    public void unparsable(List<Rejection> rejections) {
      var batch = new ArrayList<MeshUpdate>(rejections.size());
      for (var rejection : rejections) {
        if (store.current().policy(rejection.name()) == null) {
          batch.add(new PutPolicy(notUnderstood(rejection)));
        }
      }
      store.apply(batch);
    }

    private static L4Policy notUnderstood(Rejection rejection) {
      String key = rejection.name();
      int slash = key.indexOf('/');
      return L4Policy.notUnderstood(
          key,
          slash < 0 ? "" : key.substring(0, slash),
          key.substring(slash + 1),
          PolicyScope.NAMESPACE,
          rejection.reason());
    }
  }
}
