package io.faultline.cli.doctor;

import io.faultline.uffd.FaultScope;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.OpenPath;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import java.util.Set;

/** The ways to open a userfaultfd. */
enum OpenPathCheck {
  SYSCALL(FaultScope.USER_AND_KERNEL, OpenPath.SYSCALL),
  DEVICE(FaultScope.USER_AND_KERNEL, OpenPath.DEVICE),
  USER_MODE_ONLY(FaultScope.USER_ONLY, OpenPath.SYSCALL);

  private final FaultScope scope;
  private final OpenPath path;

  OpenPathCheck(FaultScope scope, OpenPath path) {
    this.scope = scope;
    this.path = path;
  }

  FaultScope scope() {
    return scope;
  }

  /** Opens and closes a userfaultfd; returns 0 or the errno. */
  int tryAt(Kernel kernel) {
    OpenOptions options = new OpenOptions(scope, path, true, Set.of());
    try (Userfaultfd opened = kernel.openUserfaultfd(options)) {
      assert opened.scope() == scope;
      return 0;
    } catch (SystemCallException e) {
      return e.errno();
    }
  }
}
