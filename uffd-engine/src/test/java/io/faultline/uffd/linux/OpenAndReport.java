package io.faultline.uffd.linux;

import io.faultline.uffd.FaultScope;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;

/** Runs in its own process: opens a userfaultfd and prints the result. */
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
