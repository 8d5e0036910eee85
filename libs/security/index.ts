export { currentPrincipal, principalFromEnvelope, principalToEnvelope, runAs } from './principal/principal.js';
export type { Principal, PrincipalEnvelope, Role } from './principal/principal.js';

export { accessRuleKey, accessRuleOf, Open, Roles, SignedIn } from './access/access-rule.js';
export type { AccessRule } from './access/access-rule.js';
export { AccessGuard } from './access/access.guard.js';
export { AccessTokenStrategy } from './access/access-token.strategy.js';
export { Caller, principalOf } from './access/caller.js';
export { routesWithoutAccess, UndeclaredAccessError } from './access/declared-access.js';
export { PrincipalInterceptor } from './access/principal.interceptor.js';
export { SecurityModule } from './security.module.js';
export type { SecurityOptions } from './security-options.js';
export { keysUnavailable } from './access/keys-unavailable.js';
export { bearerToken } from './access/authorization-header.js';

export { accessTokenKind, accessTokenLifetimeSeconds } from './tokens/access-token.js';
export { AccessTokenIssuer } from './tokens/access-token-issuer.js';
export type { AccessTokenIssuerOptions, IssuedAccessToken } from './tokens/access-token-issuer.js';
export { edgeRole, internalTokenKind, internalTokenLifetimeSeconds } from './tokens/internal-token.js';
export { GivenKeys, readPrivateKey, readPublicKeys } from './tokens/key-files.js';
export { KeysUnavailableError } from './tokens/key-source.js';
export type { JwksDocument, KeySource, SignatureAlgorithm, VerificationKey } from './tokens/key-source.js';
export { PublishedKeys } from './tokens/published-keys.js';
export type { PublishedKeysOptions } from './tokens/published-keys.js';
export { RevokedSessions } from './tokens/revoked-sessions.js';
export { SessionEnds } from './tokens/session-ends.js';
export { generateSigningKey, SigningKeys } from './tokens/signing-keys.js';
export type { SigningKeyJwk } from './tokens/signing-keys.js';
export { TokenExchange } from './tokens/token-exchange.js';
export type { TokenExchangeOptions } from './tokens/token-exchange.js';
export { InvalidTokenError } from './tokens/token-kind.js';
export type { TokenCheck, TokenKind, VerifiedToken } from './tokens/token-kind.js';
export { TokenVerifier } from './tokens/token-verifier.js';
export type { TokenVerifierOptions } from './tokens/token-verifier.js';
export { decideRefresh, newRefreshToken, refreshTokenId, refreshTokenLifetimeSeconds } from './tokens/refresh-token.js';
export type {
  NewRefreshToken,
  RefreshDecision,
  RefreshFamily,
  RefreshQuestion,
  StoredRefreshToken,
} from './tokens/refresh-token.js';

export { CertificateFiles, InvalidCertificate } from './certificates/certificate-files.js';
export type { CertificateFilesOptions, Certificates } from './certificates/certificate-files.js';
export { LocalAuthority, certificatePaths } from './certificates/local-authority.js';
export type { CertificatePaths, CertificateRequest } from './certificates/local-authority.js';
export { peerId, spiffeId } from './certificates/spiffe.js';

export { PasswordsBusyError } from './passwords/hashing-slots.js';
export { Passwords, PasswordTooLongError } from './passwords/passwords.js';
export type { PasswordsOptions } from './passwords/passwords.js';

export { timingSafeEqualText } from './signatures/timing-safe.js';
export { signWebhook, verifyWebhook } from './signatures/webhook-signature.js';
export type { ReceivedWebhook, WebhookParts } from './signatures/webhook-signature.js';
