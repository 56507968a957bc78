package dev.kiri.mesh.workload;

/// A range of virtual addresses of a service within a network.
public record CidrVip(String network, IpPrefix cidr) {}
