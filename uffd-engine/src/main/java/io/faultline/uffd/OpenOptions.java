package io.faultline.uffd;

import java.util.Set;

/**
 * How to open a userfaultfd.
 *
 * @param scope which accesses it catches
 * @param path how it is opened
 * @param nonBlocking whether {@link Userfaultfd#read} returns 0 if no event is waiting. Required
 *     for poll (a blocking userfaultfd polls as POLLERR)
 * @param features the features to enable; the kernel must have them all
 */
public record OpenOptions(
    FaultScope scope, OpenPath path, boolean nonBlocking, Set<Feature> features) {

  public OpenOptions {
    features = Set.copyOf(features);
  }

  /** Non-blocking, by any path that works, with the widest permitted scope. */
  public static OpenOptions of(Feature... features) {
    return new OpenOptions(FaultScope.WIDEST, OpenPath.ANY, true, Set.of(features));
  }

  public OpenOptions withScope(FaultScope newScope) {
    return new OpenOptions(newScope, path, nonBlocking, features);
  }

  public OpenOptions withPath(OpenPath newPath) {
    return new OpenOptions(scope, newPath, nonBlocking, features);
  }

  public OpenOptions blocking() {
    return new OpenOptions(scope, path, false, features);
  }
}
