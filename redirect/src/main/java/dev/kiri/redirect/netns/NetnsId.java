package dev.kiri.redirect.netns;

/// What tells one network namespace from another while either exists: device and inode of its file.
public record NetnsId(long device, long inode) {
  @Override
  public String toString() {
    return "net:[" + inode + "]";
  }
}
