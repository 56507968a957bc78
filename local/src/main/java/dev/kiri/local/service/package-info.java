/// Answers what a Service means on the nodes: its cluster address, the endpoints behind it, and the
/// translation that a node does for pods outside the mesh.
///
/// Entry types, all pure: `ServiceAddresses`, `EndpointPlanner`, `TranslationRules`.
@NullMarked
package dev.kiri.local.service;

import org.jspecify.annotations.NullMarked;
