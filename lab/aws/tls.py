"""The API under AWS's own names, with TLS: by an authority that is made anew with each account."""

import datetime
import ipaddress
import pathlib
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


class Authority:
    """Signs certificates. All lie in one folder as NAME.crt and NAME.key."""

    def __init__(self, folder, name="ca", subject="lab"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.subject = subject_of(subject)
        usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
        builder = certificate(self.subject, self.subject, self.key).add_extension(x509.BasicConstraints(True, None), True)
        self.write(name, builder.add_extension(usage, True).sign(self.key, hashes.SHA256()), self.key)
        self.file = self.folder / f"{name}.crt"

    def sign(self, name, common_name, organization=None, hosts=()):
        """A server's certificate where there are hosts, else a client's."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = certificate(subject_of(common_name, organization), self.subject, key)
        purpose = ExtendedKeyUsageOID.SERVER_AUTH if hosts else ExtendedKeyUsageOID.CLIENT_AUTH
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), False)
        if hosts:
            builder = builder.add_extension(x509.SubjectAlternativeName([host_name(host) for host in hosts]), False)
        self.write(name, builder.sign(self.key, hashes.SHA256()), key)

    def write(self, name, signed, key):
        pem = serialization.Encoding.PEM
        secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        (self.folder / f"{name}.crt").write_bytes(signed.public_bytes(pem))
        (self.folder / f"{name}.key").touch(mode=0o600)
        (self.folder / f"{name}.key").write_bytes(secret)


def certificate(subject, issuer, key):
    now = datetime.datetime.now(datetime.timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=30))
    )


def subject_of(common_name, organization=None):
    names = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if organization:
        names.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    return x509.Name(names)


def host_name(host):
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def server_context(folder, region):
    """For https://SERVICE.REGION.amazonaws.com; its authority is ca.crt in the folder."""
    authority = Authority(folder, subject="lab AWS")
    labels = ("", f"{region}.", f"ecr.{region}.", f"dkr.ecr.{region}.")
    authority.sign("aws", "amazonaws.com", hosts=[f"*.{label}amazonaws.com" for label in labels])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.folder / "aws.crt", authority.folder / "aws.key")
    return context
