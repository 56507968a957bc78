package dev.kiri.mesh.wire;

import dev.kiri.mesh.proto.workload.Address;
import dev.kiri.mesh.store.MeshUpdate;

/// Reads `istio.workload.Address`: a workload or a service. For one thread.
public final class AddressDecoder {
  /// 2^14 slots: about 64 KiB of references.
  private static final int SHARED_BITS = 14;

  private final WorkloadDecoder workloads;
  private final ServiceDecoder services;

  public AddressDecoder() {
    var types = new WireTypes(new Shared(SHARED_BITS));
    workloads = new WorkloadDecoder(types);
    services = new ServiceDecoder(types);
  }

  /// Turns a message into the update it asks for.
  ///
  /// @param name the name it was sent under; where it is the uid, the two become one string
  public MeshUpdate decode(String name, Address wire) throws InvalidResource {
    return switch (wire.getTypeCase()) {
      case Address.TypeCase.WORKLOAD ->
          new MeshUpdate.PutWorkload(workloads.decode(name, wire.getWorkload()));
      case Address.TypeCase.SERVICE ->
          new MeshUpdate.PutService(services.decode(wire.getService()));
      case Address.TypeCase.TYPE_NOT_SET -> throw new InvalidResource("unknown address type");
    };
  }
}
