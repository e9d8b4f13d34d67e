package io.faultline.paging.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names the process that holds the lock of a file, from {@code /proc/locks}. It has no path, but
 * the number of the inode, which may be that of a file elsewhere: a process counts only if its
 * descriptors, as far as they can be read, lead to the file.
 */
final class LockHolder {
  private static final Path LOCKS = Path.of("/proc/locks");

  /** As in {@code 1: FLOCK ADVISORY WRITE 1234 08:01:5678 0 EOF}. */
  private static final Pattern FLOCK =
      Pattern.compile("\\d+: FLOCK +\\S+ +\\S+ +(\\d+) [0-9a-f]+:[0-9a-f]+:(\\d+) .*");

  private LockHolder() {}

  /** Such as {@code ", process 1234 (java)"}; empty if it is not known. */
  static String describe(Path file) {
    try {
      String inode = String.valueOf(Files.getAttribute(file, "unix:ino"));
      return describe(file.toRealPath(), inode, Files.readAllLines(LOCKS));
    } catch (IOException | UnsupportedOperationException e) {
      return "";
    }
  }

  static String describe(Path file, String inode, List<String> locks) {
    for (String line : locks) {
      Matcher lock = FLOCK.matcher(line);
      if (lock.matches() && lock.group(2).equals(inode) && mayHaveOpen(lock.group(1), file)) {
        return describe(Long.parseLong(lock.group(1)));
      }
    }
    return "";
  }

  private static String describe(long process) {
    if (process == ProcessHandle.current().pid()) {
      return " of this process";
    }
    try {
      String name = Files.readString(Path.of("/proc/" + process + "/comm")).strip();
      return ", process " + process + " (" + name + ")";
    } catch (IOException e) {
      return ", process " + process;
    }
  }

  private static boolean mayHaveOpen(String process, Path file) {
    try (var descriptors = Files.newDirectoryStream(Path.of("/proc/" + process + "/fd"))) {
      for (Path descriptor : descriptors) {
        if (leadsTo(descriptor, file)) {
          return true;
        }
      }
      return false;
    } catch (IOException e) { // of another user
      return true;
    }
  }

  private static boolean leadsTo(Path descriptor, Path file) {
    try {
      return Files.readSymbolicLink(descriptor).equals(file);
    } catch (IOException e) { // closed meanwhile
      return false;
    }
  }
}
