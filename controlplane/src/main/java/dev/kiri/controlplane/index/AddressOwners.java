package dev.kiri.controlplane.index;

import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.kinds.IpBlock;
import dev.kiri.controlplane.kinds.MeshObject;
import dev.kiri.controlplane.kinds.ServiceEntryObject;
import dev.kiri.controlplane.kinds.WorkloadEndpoint;
import dev.kiri.controlplane.kinds.WorkloadEntryObject;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Who an address belongs to when a WorkloadEntry, or a ServiceEntry as the address of an endpoint
/// or as a virtual one, names it too: a pod, then a Service that has it as its virtual address,
/// then the oldest entry. Whoever may write entries in one namespace must not be able to draw
/// traffic that others send to an address of their own. Stateless.
final class AddressOwners {
  private final AddressClaims claims;

  AddressOwners(AddressClaims claims) {
    this.claims = claims;
  }

  /// Addresses of an entry that belong to somebody else, with kind and name of the owner.
  Map<String, String> others(WorkloadEntryObject entry, Reader reader) {
    return others(entry, List.of(entry.endpoint()), reader);
  }

  /// Addresses of endpoints written into an entry that belong to somebody else, with kind and name
  /// of the owner.
  Map<String, String> others(ServiceEntryObject entry, Reader reader) {
    return others(entry, entry.endpoints(), reader);
  }

  /// Virtual addresses of an entry that belong to somebody else, by [IpBlock#text], with kind and
  /// name of the owner. A block belongs to a pod or an older endpoint of another namespace that is
  /// in it, as proxies ask for services before workloads; a narrower block in it does not matter,
  /// as proxies ask for that first.
  Map<String, String> virtualOthers(ServiceEntryObject entry, Reader reader) {
    Map<String, String> owners = new TreeMap<>();
    for (IpBlock block : entry.addresses()) {
      MeshObject owner = virtualOwner(entry, block, reader);
      if (owner != null) {
        boolean whole =
            block.isSingle()
                || (owner instanceof ServiceEntryObject other
                    && other.addresses().stream().anyMatch(b -> b.text().equals(block.text())));
        owners.put(block.text(), owner.key() + (whole ? "" : " in part"));
      }
    }
    return owners;
  }

  private Map<String, String> others(
      MeshObject entry, List<WorkloadEndpoint> endpoints, Reader reader) {
    Map<String, String> owners = new TreeMap<>();
    String home = claims.home(reader);
    for (WorkloadEndpoint endpoint : endpoints) {
      InetAddress ip = endpoint.ip();
      MeshObject owner = ip == null ? null : owner(entry, endpoint, ip, home, reader);
      if (owner != null) {
        owners.put(endpoint.address(), owner.key().toString());
      }
    }
    return owners;
  }

  private @Nullable MeshObject owner(
      MeshObject entry, WorkloadEndpoint endpoint, InetAddress ip, String home, Reader reader) {
    String network = AddressClaims.network(endpoint, home);
    MeshObject given = network.equals(home) ? claims.given(ip, reader) : null;
    if (given != null) {
      return given;
    }
    IpBlock block = IpBlock.of(ip);
    Stream<MeshObject> services =
        network.equals(home)
            ? claims.virtual(block, reader).filter(other -> isForeign(other, entry)).map(o -> o)
            : Stream.of();
    return oldest(
        Stream.concat(claims.endpoints(block, network, home, reader), services)
            .filter(other -> isOlder(other, entry)));
  }

  private @Nullable MeshObject virtualOwner(
      ServiceEntryObject entry, IpBlock block, Reader reader) {
    MeshObject given =
        block.isSingle()
            ? claims.given(block.address(), reader)
            : claims.pods(block, reader).findFirst().orElse(null);
    if (given != null) {
      return given;
    }
    List<ServiceEntryObject> older =
        claims.virtual(block, reader).filter(other -> isOlder(other, entry)).toList();
    MeshObject neighbour = oldest(older.stream().filter(other -> !isForeign(other, entry)));
    if (neighbour != null) {
      return neighbour;
    }
    String home = claims.home(reader);
    MeshObject first =
        oldest(
            Stream.concat(
                older.stream(),
                claims
                    .endpoints(block, home, home, reader)
                    .filter(other -> isOlder(other, entry))));
    boolean own = first == null || !isForeign(first, entry);
    boolean copy =
        first instanceof ServiceEntryObject original
            && older.contains(original)
            && claims.isCopy(entry, original, reader);
    return own || copy ? null : first;
  }

  private static boolean isOlder(MeshObject other, MeshObject than) {
    return MeshObject.AGE.compare(other, than) < 0;
  }

  private static boolean isForeign(MeshObject other, MeshObject to) {
    return !other.meta().namespace().equals(to.meta().namespace());
  }

  private static @Nullable MeshObject oldest(Stream<? extends MeshObject> entries) {
    return entries.min(MeshObject.AGE).orElse(null);
  }
}
