package io.faultline.uffd.linux;

import io.faultline.uffd.FaultScope;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;

/** Run in a process of its own: opens a userfaultfd and tells what came of it. */
final class OpenAndReport {
  private OpenAndReport() {}

  public static void main(String[] args) {
    OpenOptions options = OpenOptions.of().withScope(FaultScope.valueOf(args[0]));
    try (Userfaultfd uffd = new LinuxKernel().openUserfaultfd(options)) {
      System.out.println("opened " + uffd.scope());
    } catch (SystemCallException e) {
      System.out.println(e.getMessage());
    }
  }
}
