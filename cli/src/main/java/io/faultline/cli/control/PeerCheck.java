package io.faultline.cli.control;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import jdk.net.ExtendedSocketOptions;

/**
 * Whether the process at the other end of a Unix domain socket is of the same user, or of root, as
 * the kernel says (SO_PEERCRED, unix(7)).
 */
final class PeerCheck {
  private static final String ROOT = "root";

  private final UserPrincipal owner;

  /**
   * @param socket made by this process
   */
  PeerCheck(Path socket) throws IOException {
    owner = Files.getOwner(socket);
  }

  boolean allows(SocketChannel peer) throws IOException {
    return allows(peer.getOption(ExtendedSocketOptions.SO_PEERCRED).user());
  }

  boolean allows(UserPrincipal user) {
    return user.equals(owner) || user.getName().equals(ROOT);
  }
}
