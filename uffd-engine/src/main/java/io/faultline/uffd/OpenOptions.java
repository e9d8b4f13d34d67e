package io.faultline.uffd;

import java.util.Set;

/**
 * How to open a userfaultfd.
 *
 * @param scope which accesses it catches
 * @param path through which door
 * @param nonBlocking whether {@link Userfaultfd#read} returns 0 where nothing is to be read; poll
 *     works only so (a blocking userfaultfd polls as POLLERR)
 * @param features the features to switch on, all of which the kernel must have
 */
public record OpenOptions(
    FaultScope scope, OpenPath path, boolean nonBlocking, Set<Feature> features) {

  public OpenOptions {
    features = Set.copyOf(features);
  }

  /** Non-blocking, through whichever door opens, with the widest scope that is allowed. */
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
