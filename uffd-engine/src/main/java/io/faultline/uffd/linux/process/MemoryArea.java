package io.faultline.uffd.linux.process;

import java.util.Set;

/**
 * A mapping of a process, as {@code /proc/PID/smaps} shows it (proc_pid_maps(5)).
 *
 * @param start the first address
 * @param end the end, exclusive
 * @param permissions four letters such as {@code rw-p}: read, write, execute, private or shared
 * @param offsetBytes the offset in the file
 * @param device the number of the file system as stat(2) has it, 0 if there is no file. Some file
 *     systems, such as overlayfs, show another one here than there; tmpfs and hugetlbfs do not
 * @param inode the file's inode, 0 if there is no file
 * @param name the path of the file, a name such as {@code [heap]}, or empty
 * @param flags the two-letter {@code VmFlags}; empty if they were not read
 */
public record MemoryArea(
    long start,
    long end,
    String permissions,
    long offsetBytes,
    long device,
    long inode,
    String name,
    Set<String> flags) {

  private static final Set<String> REGISTERED = Set.of("um", "uw", "ui");

  public MemoryArea {
    flags = Set.copyOf(flags);
  }

  public long lengthBytes() {
    return end - start;
  }

  /** Whether writes stay in this process. */
  public boolean isPrivate() {
    return permissions.charAt(3) == 'p';
  }

  /** Whether the memory has no file. */
  public boolean isAnonymous() {
    return inode == 0;
  }

  /** Whether it is registered with a userfaultfd, in any mode. Needs the flags. */
  public boolean isRegistered() {
    return flags.stream().anyMatch(REGISTERED::contains);
  }
}
