package dev.kiri.mesh.policy;

import dev.kiri.mesh.workload.IpPrefix;
import java.util.ArrayList;
import java.util.List;

/// The innermost condition of a policy: its fields are joined by AND, the values of one field by
/// OR, and none of the values of a `not` field may hold. With no field at all it never matches.
///
/// @param unreadable conditions that are there but not understood, so that their truth is unknown
public record PolicyMatch(
    FieldValues<StringMatcher> namespaces,
    FieldValues<StringMatcher> notNamespaces,
    FieldValues<StringMatcher> principals,
    FieldValues<StringMatcher> notPrincipals,
    FieldValues<ServiceAccountMatcher> serviceAccounts,
    FieldValues<ServiceAccountMatcher> notServiceAccounts,
    FieldValues<IpPrefix> sourceIps,
    FieldValues<IpPrefix> notSourceIps,
    FieldValues<IpPrefix> destinationIps,
    FieldValues<IpPrefix> notDestinationIps,
    FieldValues<Integer> destinationPorts,
    FieldValues<Integer> notDestinationPorts,
    List<String> unreadable) {

  public PolicyMatch {
    unreadable = List.copyOf(unreadable);
  }

  public static Builder builder() {
    return new Builder();
  }

  private List<FieldValues<?>> fields() {
    return List.of(
        namespaces,
        notNamespaces,
        principals,
        notPrincipals,
        serviceAccounts,
        notServiceAccounts,
        sourceIps,
        notSourceIps,
        destinationIps,
        notDestinationIps,
        destinationPorts,
        notDestinationPorts);
  }

  /// Everything in this match that could not be read.
  public List<String> allUnreadable() {
    var all = new ArrayList<>(unreadable);
    fields().forEach(field -> all.addAll(field.unreadable()));
    return all;
  }

  Truth test(L4Connection connection) {
    if (unreadable.isEmpty() && fields().stream().noneMatch(FieldValues::isDeclared)) {
      return Truth.NO;
    }
    var peer = connection.peer();
    String namespace = peer == null ? "" : peer.namespace();
    String principal = peer == null ? "" : peer.uri().substring("spiffe://".length());
    var source = connection.source().getAddress();
    var destination = connection.destination().getAddress();
    int port = connection.destination().getPort();

    var truth = unreadable.isEmpty() ? Truth.YES : Truth.UNKNOWN;
    truth = truth.and(wanted(destinationPorts, destinationPorts.any(value -> value == port)));
    truth = truth.and(notDestinationPorts.any(value -> value == port).not());
    truth = truth.and(wanted(namespaces, namespaces.any(value -> value.matches(namespace))));
    truth = truth.and(notNamespaces.any(value -> value.matches(namespace)).not());
    truth = truth.and(wanted(sourceIps, sourceIps.any(value -> value.contains(source))));
    truth = truth.and(notSourceIps.any(value -> value.contains(source)).not());
    truth =
        truth.and(wanted(destinationIps, destinationIps.any(value -> value.contains(destination))));
    truth = truth.and(notDestinationIps.any(value -> value.contains(destination)).not());
    truth =
        truth.and(
            wanted(principals, principals.any(value -> peer != null && value.matches(principal))));
    truth = truth.and(notPrincipals.any(value -> peer != null && value.matches(principal)).not());
    truth =
        truth.and(
            wanted(
                serviceAccounts,
                serviceAccounts.any(value -> peer != null && value.matches(peer))));
    return truth.and(notServiceAccounts.any(value -> peer != null && value.matches(peer)).not());
  }

  private static Truth wanted(FieldValues<?> field, Truth any) {
    return field.isDeclared() ? any : Truth.YES;
  }

  /// Makes a match from the fields that are there.
  public static final class Builder {
    private FieldValues<StringMatcher> namespaces = FieldValues.none();
    private FieldValues<StringMatcher> notNamespaces = FieldValues.none();
    private FieldValues<StringMatcher> principals = FieldValues.none();
    private FieldValues<StringMatcher> notPrincipals = FieldValues.none();
    private FieldValues<ServiceAccountMatcher> serviceAccounts = FieldValues.none();
    private FieldValues<ServiceAccountMatcher> notServiceAccounts = FieldValues.none();
    private FieldValues<IpPrefix> sourceIps = FieldValues.none();
    private FieldValues<IpPrefix> notSourceIps = FieldValues.none();
    private FieldValues<IpPrefix> destinationIps = FieldValues.none();
    private FieldValues<IpPrefix> notDestinationIps = FieldValues.none();
    private FieldValues<Integer> destinationPorts = FieldValues.none();
    private FieldValues<Integer> notDestinationPorts = FieldValues.none();
    private final List<String> unreadable = new ArrayList<>();

    private Builder() {}

    public Builder namespaces(FieldValues<StringMatcher> values) {
      namespaces = values;
      return this;
    }

    public Builder notNamespaces(FieldValues<StringMatcher> values) {
      notNamespaces = values;
      return this;
    }

    public Builder principals(FieldValues<StringMatcher> values) {
      principals = values;
      return this;
    }

    public Builder notPrincipals(FieldValues<StringMatcher> values) {
      notPrincipals = values;
      return this;
    }

    public Builder serviceAccounts(FieldValues<ServiceAccountMatcher> values) {
      serviceAccounts = values;
      return this;
    }

    public Builder notServiceAccounts(FieldValues<ServiceAccountMatcher> values) {
      notServiceAccounts = values;
      return this;
    }

    public Builder sourceIps(FieldValues<IpPrefix> values) {
      sourceIps = values;
      return this;
    }

    public Builder notSourceIps(FieldValues<IpPrefix> values) {
      notSourceIps = values;
      return this;
    }

    public Builder destinationIps(FieldValues<IpPrefix> values) {
      destinationIps = values;
      return this;
    }

    public Builder notDestinationIps(FieldValues<IpPrefix> values) {
      notDestinationIps = values;
      return this;
    }

    public Builder destinationPorts(FieldValues<Integer> values) {
      destinationPorts = values;
      return this;
    }

    public Builder notDestinationPorts(FieldValues<Integer> values) {
      notDestinationPorts = values;
      return this;
    }

    public Builder unreadable(String what) {
      unreadable.add(what);
      return this;
    }

    public PolicyMatch build() {
      return new PolicyMatch(
          namespaces,
          notNamespaces,
          principals,
          notPrincipals,
          serviceAccounts,
          notServiceAccounts,
          sourceIps,
          notSourceIps,
          destinationIps,
          notDestinationIps,
          destinationPorts,
          notDestinationPorts,
          unreadable);
    }
  }
}
