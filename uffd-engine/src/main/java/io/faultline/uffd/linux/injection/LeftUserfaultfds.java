package io.faultline.uffd.linux.injection;

import io.faultline.uffd.Errno;
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.Feature;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.linux.FileDescriptors;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.linux.process.PidFd;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Userfaultfds that {@link ForeignUserfaultfds} of an earlier process left open in another process,
 * because the earlier one was killed. As long as one is open, its memory cannot be registered with
 * another one (EBUSY).
 *
 * <p>The caller must know that the earlier process has ended: nothing here tells its userfaultfd
 * from one that is in use. Not thread-safe.
 */
public final class LeftUserfaultfds {
  private static final String USERFAULTFD = "anon_inode:[userfaultfd]";

  private final LinuxKernel kernel;
  private final PidFd process;

  /**
   * @param process in which they were left; stays the caller's
   */
  public LeftUserfaultfds(LinuxKernel kernel, PidFd process) {
    this.kernel = kernel;
    this.process = process;
  }

  /**
   * The features of each userfaultfd that is open in the process and initialised; empty if it has
   * exited.
   *
   * @throws SystemCallException EPERM, if this process may not trace the other (see ptrace(2))
   */
  public List<Set<Feature>> features() {
    List<Set<Feature>> found = new ArrayList<>();
    for (int descriptor : descriptors()) {
      Set<Feature> features = features(descriptor);
      if (!features.isEmpty()) {
        found.add(features);
      }
    }
    return found;
  }

  /**
   * Takes the one that has some features, to go on with it as the earlier process would have: what
   * it has registered stays registered.
   *
   * @param features all of which it has; asynchronous write protection only if that is among them
   * @param onLeftOpen as for {@link ForeignUserfaultfds}
   * @return empty if there is none, or the process has exited
   * @throws IllegalStateException if there are several
   */
  public Optional<Userfaultfd> take(Set<Feature> features, Consumer<String> onLeftOpen) {
    List<Integer> matching =
        descriptors().stream().filter(each -> matches(features(each), features)).toList();
    if (matching.size() > 1) {
      throw new IllegalStateException(
          process + " has several userfaultfds with " + features + ": " + matching);
    }
    if (matching.isEmpty()) {
      return Optional.empty();
    }
    int descriptor = matching.getFirst();
    OptionalInt duplicate = process.duplicate(descriptor);
    if (duplicate.isEmpty()) {
      return Optional.empty();
    }
    Userfaultfd here = kernel.adoptUserfaultfd(duplicate.getAsInt(), FaultScope.USER_AND_KERNEL);
    return Optional.of(
        new ForeignUserfaultfd(
            here,
            process,
            new SystemCallInjector(process),
            OptionalInt.of(descriptor),
            onLeftOpen));
  }

  private static boolean matches(Set<Feature> of, Set<Feature> wanted) {
    return of.containsAll(wanted)
        && of.contains(Feature.WP_ASYNC) == wanted.contains(Feature.WP_ASYNC);
  }

  /**
   * Closes those that have a feature: unregisters a range, then closes the descriptor there. The
   * threads that wait for their pages continue, and find zeros in those that are missing: so close
   * none by which pages are still to be placed.
   *
   * @param address of the range in that process
   * @return how many were closed
   * @throws SystemCallException EPERM, if this process may not trace the other; ETIMEDOUT if no
   *     thread of the process can be stopped
   */
  public int close(Feature feature, long address, long lengthBytes) {
    SystemCallInjector injector = new SystemCallInjector(process);
    int count = 0;
    for (int descriptor : descriptors()) {
      if (features(descriptor).contains(feature)) {
        unregister(descriptor, address, lengthBytes);
        var _ = injector.call(SystemCall.close(descriptor));
        count++;
      }
    }
    return count;
  }

  /**
   * Closes those that were never initialised, whose opener was killed right after the call that it
   * had injected: nothing can be registered with them.
   *
   * @return how many were closed
   * @throws SystemCallException as for {@link #close}
   */
  public int closeUninitialised() {
    SystemCallInjector injector = new SystemCallInjector(process);
    int count = 0;
    for (int descriptor : descriptors()) {
      if (isUninitialised(descriptor)) {
        var _ = injector.call(SystemCall.close(descriptor));
        count++;
      }
    }
    return count;
  }

  private boolean isUninitialised(int descriptor) {
    OptionalInt duplicate = process.duplicate(descriptor);
    if (duplicate.isEmpty()) {
      return false;
    }
    try {
      return !kernel.isInitialisedUserfaultfd(duplicate.getAsInt());
    } catch (IllegalArgumentException e) {
      return false; // closed meanwhile, and another file has its number
    } finally {
      FileDescriptors.close(duplicate.getAsInt());
    }
  }

  /** After close alone, each page would take a fault to remove its protection. */
  private void unregister(int descriptor, long address, long lengthBytes) {
    OptionalInt duplicate = process.duplicate(descriptor);
    if (duplicate.isPresent()) {
      try (Userfaultfd here =
          kernel.adoptUserfaultfd(duplicate.getAsInt(), FaultScope.USER_AND_KERNEL)) {
        here.unregister(address, lengthBytes);
      }
    }
  }

  /** Empty also if the descriptor was closed meanwhile, or was never initialised. */
  private Set<Feature> features(int descriptor) {
    OptionalInt duplicate = process.duplicate(descriptor);
    if (duplicate.isEmpty()) {
      return Set.of();
    }
    try {
      return kernel.featuresOfUserfaultfd(duplicate.getAsInt());
    } catch (IllegalArgumentException e) {
      return Set.of();
    } finally {
      FileDescriptors.close(duplicate.getAsInt());
    }
  }

  private List<Integer> descriptors() {
    List<Integer> found = new ArrayList<>();
    Path open = Path.of("/proc/" + process.pid() + "/fd");
    try (DirectoryStream<Path> all = Files.newDirectoryStream(open)) {
      for (Path each : all) {
        if (isUserfaultfd(each)) {
          found.add(Integer.parseInt(each.getFileName().toString()));
        }
      }
    } catch (AccessDeniedException e) {
      SystemCallException refused = new SystemCallException("open(" + open + ")", Errno.EPERM);
      throw TracingRefusal.of(process.pid(), process.pid(), refused);
    } catch (IOException | DirectoryIteratorException e) {
      found.clear(); // it has exited
    }
    return found;
  }

  private static boolean isUserfaultfd(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().equals(USERFAULTFD);
    } catch (IOException e) {
      return false; // closed meanwhile
    }
  }
}
