package io.faultline.restore.remote;

/**
 * What a program that takes over knows of the session that it continues.
 *
 * @param identity by which the page source knows it
 * @param leaseNanos how long the page source surely keeps the processes frozen, more than 0; {@link
 *     Long#MAX_VALUE} for ever
 * @param isOwned whether the page source has said that it does not let its processes continue
 */
public record EarlierSession(SessionIdentity identity, long leaseNanos, boolean isOwned) {
  /**
   * Of what was told to {@link io.faultline.restore.origin.SourceReceiver}.
   *
   * @param state of {@link io.faultline.restore.origin.SourceReceiver#resumable}
   * @throws IllegalArgumentException if it is of another origin
   */
  public static EarlierSession of(byte[] state, long leaseNanos, boolean isOwned) {
    return new EarlierSession(SessionIdentity.decode(state), leaseNanos, isOwned);
  }
}
