package dev.kiri.ops.admin;

/// Answers one request. Called on a virtual thread, so it may block; an exception becomes a 500
/// with its message.
@FunctionalInterface
public interface AdminHandler {
  AdminResponse handle(AdminRequest request) throws Exception;
}
