/**
 * Realtime rooms that a Java application embeds: the node, its rooms and sessions, and the three
 * interfaces of a backend with their in-memory versions.
 */
@NullMarked
package dev.roomcast.chat;

import org.jspecify.annotations.NullMarked;
