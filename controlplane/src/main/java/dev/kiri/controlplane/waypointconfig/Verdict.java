package dev.kiri.controlplane.waypointconfig;

/// A condition's content: whether it holds, why, and in words.
public record Verdict(boolean holds, String reason, String message) {}
