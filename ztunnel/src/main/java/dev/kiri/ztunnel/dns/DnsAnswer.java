package dev.kiri.ztunnel.dns;

import dev.kiri.mesh.workload.Service;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is to be done with a question. Immutable.
sealed interface DnsAnswer {
  /// The mesh knows it. `alias` is the name the addresses belong to, where a search domain had been
  /// appended to it.
  record Addresses(Service service, @Nullable DnsName alias, List<InetAddress> addresses)
      implements DnsAnswer {
    public Addresses {
      addresses = List.copyOf(addresses);
    }
  }

  /// The mesh knows the name, but no address of this kind: no error, and no records.
  record NoRecords(Service service, boolean unsupported) implements DnsAnswer {}

  /// Others must be asked. `known` says that the name exists, whatever they say: they may have
  /// other records of it, but cannot deny it.
  record Forward(boolean known) implements DnsAnswer {}
}
