import { parseAuthToLocal } from '../../sasl/auth-to-local.ts'
import { fileKey, jvmKey, propertyKey } from '../key.ts'
import { looseBool, optional, strictBool, text, type ValueType } from '../value-type.ts'

const authToLocal: ValueType<string> = {
  ...text,
  allowed: 'rules, each of them DEFAULT or RULE:[parts:format](pattern)s/from/to/g',
  parse: (value) => (parseAuthToLocal(value) === null ? undefined : value),
}

/** Authentication by SASL: of clients, and between servers. */
export const saslKeys = {
  jaasFile: jvmKey('java.security.auth.login.config', optional(text), null, 'JAAS file, with users and passwords.'),
  kerberosConfigFile: jvmKey(
    'java.security.krb5.conf',
    optional(text),
    null,
    'Configuration of Kerberos, in place of /etc/krb5.conf.',
  ),
  saslServerSection: propertyKey('sasl.serverconfig', text, 'Server', 'Section of the JAAS file for clients.'),
  sessionRequiresSasl: propertyKey(
    'sessionRequireClientSASLAuth',
    looseBool,
    false,
    'Close connections that do not authenticate by SASL.',
  ),
  allowSaslFailedClients: propertyKey(
    'allowSaslFailedClients',
    looseBool,
    false,
    'Keep clients whose SASL exchange failed.',
  ),
  saslSuperUser: propertyKey('superUser', optional(text), null, 'SASL user who may do everything.'),
  saslSuperPassword: propertyKey(
    'SASLAuthenticationProvider.superPassword',
    optional(text),
    null,
    'Password of the SASL user super.',
    { secret: true },
  ),
  letAnySaslUserDo: propertyKey(
    'letAnySaslUserDoX',
    optional(text),
    null,
    'Id in ACLs that stands for every SASL user.',
  ),
  kerberosRemoveHost: propertyKey(
    'kerberos.removeHostFromPrincipal',
    looseBool,
    false,
    'Leave the host of a name out of SASL ids.',
  ),
  kerberosRemoveRealm: propertyKey(
    'kerberos.removeRealmFromPrincipal',
    looseBool,
    false,
    'Leave the realm of a name out of SASL ids.',
  ),
  kerberosAuthToLocal: propertyKey(
    'security.auth_to_local',
    authToLocal,
    'DEFAULT',
    'Rules by which principals become names.',
  ),
  quorumSaslEnabled: fileKey('quorum.auth.enableSasl', strictBool, false, 'SASL between servers.'),
  quorumLearnerRequiresSasl: fileKey(
    'quorum.auth.learnerRequireSasl',
    strictBool,
    false,
    'Authenticate to the servers that this one calls.',
  ),
  quorumServerRequiresSasl: fileKey(
    'quorum.auth.serverRequireSasl',
    strictBool,
    false,
    'Refuse servers that do not authenticate.',
  ),
  quorumServicePrincipal: fileKey(
    'quorum.auth.kerberos.servicePrincipal',
    text,
    'zkquorum/localhost',
    'Kerberos principal of the servers that this one calls; _HOST in it stands for the name of each.',
  ),
  kerberosCanonicalizeHosts: propertyKey(
    'kerberos.canonicalizeHostNames',
    looseBool,
    false,
    'Between servers, go by the names that the addresses of server.N lines have, not by those in the lines.',
  ),
  quorumSaslLearnerSection: fileKey(
    'quorum.auth.learner.saslLoginContext',
    text,
    'QuorumLearner',
    'Section of the JAAS file that says who this server is.',
  ),
  quorumSaslServerSection: fileKey(
    'quorum.auth.server.saslLoginContext',
    text,
    'QuorumServer',
    'Section of the JAAS file that says which servers may come.',
  ),
} as const
