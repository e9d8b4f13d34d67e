package io.faultline.restore.origin;

import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * A connection to a page server that another program can continue with if this one is killed.
 *
 * @param journal where requests are recorded
 * @param descriptor the connection of an earlier program, with that program's journal; empty for a
 *     new connection
 */
public record HeldConnection(Path journal, OptionalInt descriptor) {}
